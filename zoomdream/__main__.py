"""`python -m zoomdream`."""

from zoomdream.cli import main

if __name__ == "__main__":
    main()
