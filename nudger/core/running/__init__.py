"""The walk/run planner: from the sessions a person told of to the next one, its step and its earliest day.

In the order of reading: `steps` is the table of steps, `runs` and `sessions` what is told of a run and the colour it
gets, `place` where the runs so far lead to, `planner` the front door: the next session, and what the rules of the
ladder ask.
Nothing is counted along the way: the runs are the only thing remembered, and everything else is read from them.
"""
