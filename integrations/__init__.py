"""Doors for machines: who may knock (Connection), what they brought (InboxItem), and the words of each platform.

A platform is a folder with an adapter; `platforms.ADAPTERS` is the one table of them. Foreign words stop here: past this
room there is only `orders.incoming`.
"""
