String log = new File(basedir, 'build.log').text
assert log.contains('Do not use wildcard imports') : 'not in the log: Do not use wildcard imports'
