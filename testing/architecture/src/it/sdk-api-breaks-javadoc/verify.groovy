String log = new File(basedir, 'build.log').text
assert log.contains('reference not found') : 'not in the log: reference not found'
