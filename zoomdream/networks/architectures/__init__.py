"""The modules of networks, without their weights, and the parts that torchvision builds them of."""
