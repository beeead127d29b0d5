String log = new File(basedir, 'build.log').text
assert log.contains('[DeadException]') : 'not in the log: [DeadException]'
assert log.contains('COMPILATION ERROR') : 'not in the log: COMPILATION ERROR'
