"""Measures what matters, each figure beside a plain reference of the same run: `make bench`, or `python -m bench [names]`.

A figure alone says little on a machine that others use too; compare it with its neighbour. Everything happens in a database of
its own, dropped at the end. Sizes come from the environment: BENCH_ORDERS, BENCH_SECONDS, BENCH_MAILS, BENCH_BULK,
BENCH_WAITING, BENCH_CUSTOMERS, BENCH_FLOW_ORDERS.
"""
