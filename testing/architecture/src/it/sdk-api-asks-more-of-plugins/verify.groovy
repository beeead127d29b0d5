String log = new File(basedir, 'build.log').text
assert log.contains('at least one incompatibility') : 'not in the log: at least one incompatibility'
