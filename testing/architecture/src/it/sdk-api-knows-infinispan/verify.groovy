String log = new File(basedir, 'build.log').text
assert log.contains('sdk-api stands alone') : 'not in the log: sdk-api stands alone'
assert log.contains('org.infinispan:infinispan-commons:jar') : 'not in the log: org.infinispan:infinispan-commons:jar'
