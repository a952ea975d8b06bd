"""`python -m zoomdream`."""

from zoomdream.cli.app import main

if __name__ == "__main__":
    main()
