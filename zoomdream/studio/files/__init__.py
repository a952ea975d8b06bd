"""The files of a workspace: sources that are dropped into it, films that play, posters of both."""
