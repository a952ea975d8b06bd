"""What a film does when: times, eases, tracks, and the timeline that they become."""
