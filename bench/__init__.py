"""Side by side with peers, and with itself: `./conform bench`. What is measured stands in README.md."""
