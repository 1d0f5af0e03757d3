"""Where the lock is kept between runs."""
