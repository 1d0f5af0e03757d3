"""The places where the lock is kept between runs, one module for each."""
