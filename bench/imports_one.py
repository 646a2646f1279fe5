"""The measured process of `bench.imports`: python -m bench.imports_one KIND FORMAT ROWS, on DATABASE_URL."""

import json
import sys

import django


def main() -> int:
    django.setup()
    from bench.imports import one

    kind, file_format, count = sys.argv[1:]
    print(json.dumps(one(kind, file_format, int(count))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
