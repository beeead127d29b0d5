String log = new File(basedir, 'build.log').text
assert log.contains('sdk-api stands alone') : 'not in the log: sdk-api stands alone'
assert log.contains('io.datawarehouse:kernel:jar') : 'not in the log: io.datawarehouse:kernel:jar'
