String log = new File(basedir, 'build.log').text
assert log.contains('[NullAway]') : 'not in the log: [NullAway]'
assert log.contains('COMPILATION ERROR') : 'not in the log: COMPILATION ERROR'
