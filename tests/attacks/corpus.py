"""All cases, module by module."""
import importlib

MODULES = ['cases_good', 'cases_dict', 'cases_update', 'cases_form', 'cases_every', 'cases_cms', 'cases_damaged']


def all_cases(kit, only=None):
    for name in MODULES:
        if not only or only in name:
            yield from importlib.import_module(name).cases(kit)
