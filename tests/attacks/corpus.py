"""All cases, module by module."""
import importlib

MODULES = ['cases_dict', 'cases_update', 'cases_cms']


def all_cases(kit, only=None):
    for name in MODULES:
        if only and only not in name:
            continue
        yield from importlib.import_module(name).cases(kit)
