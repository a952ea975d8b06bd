"""What is heard in a sound: spectra, onsets, tempo and beats, computed once and kept in the user's cache."""
