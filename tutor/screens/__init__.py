"""One screen a module, its stylesheet beside it. Screens hold the record and the kernel; widgets hold neither."""
