String log = new File(basedir, 'build.log').text
assert log.contains('[NullAway]')
assert log.contains('COMPILATION ERROR')
