"""Problems in the files: for people, as JSON, and as annotations of GitHub Actions."""
