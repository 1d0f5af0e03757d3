"""Where files are read from: the disk, or a commit of git."""
