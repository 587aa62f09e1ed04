"""What belongs to one question, a room each: its state, its answers, its words, its figures.

A page's script in ``pages/`` reads top to bottom and takes everything else from here:

- `state`: the frozen record of the page, and the job that follows from it;
- `answers`: pure, numbers in and claims out;
- `words`: a sentence for every kind of claim;
- `figures`: arrays in, pictures out.

What several pages share lies beside them: `rows`, `classifier`.
"""
