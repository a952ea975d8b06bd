"""Resampling: frames at other sizes, and their values between pixels."""
