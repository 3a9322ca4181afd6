"""The recovery engine: from scores, doings and a person's word to a stage, a flare, a lock or an offer.

In the order of reading: `course` and `told` are the words, `diary` and `values` what is read from the scores, `rules`
the table R1-R14 with its conditions, `moves` and `climbs` its actions. `engine` is the front door, `checkins`, `intake`
and `timing` stand beside it.
"""
