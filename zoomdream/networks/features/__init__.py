"""What the channels and the classes of networks have in common: families of classes, likeness of channels."""
