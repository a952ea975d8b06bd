"""The program: `zoomdream`, and `python -m zoomdream`."""

from zoomdream.cli.signals import handle_signals


def main() -> None:
    """Run a command. Signals are handled first: the imports take a while, and Ctrl-C may come there too."""
    handle_signals()

    from zoomdream.cli.app import main as run_command

    run_command()


if __name__ == "__main__":
    main()
