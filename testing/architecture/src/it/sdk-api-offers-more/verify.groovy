String log = new File(basedir, 'build.log').text
assert log.contains('BUILD SUCCESS') : 'not in the log: BUILD SUCCESS'
