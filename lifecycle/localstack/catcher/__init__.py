"""The mail catcher: takes every mail by SMTP, keeps it as an .eml file, sends nothing on, and shows what came on a small local page.

`mailbox` reads and writes the folder; `smtp` receives; `web` shows. `python -m lifecycle.localstack.catcher` runs both.
"""
