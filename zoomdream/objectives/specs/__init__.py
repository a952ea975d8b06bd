"""What to amplify, as plain values, and the short form in which people write it."""
