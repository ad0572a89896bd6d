"""From shapes to pictures: a renderer, and a hand that draws."""
