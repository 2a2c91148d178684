"""All cases, module by module."""
import importlib

MODULES = ['cases_good', 'cases_dict', 'cases_update', 'cases_form', 'cases_cms', 'cases_damaged']


def all_cases(kit, only=None):
    for name in MODULES:
        if only and only not in name:
            continue
        yield from importlib.import_module(name).cases(kit)
