String log = new File(basedir, 'build.log').text
assert log.contains('A plugin depends on sdk-api alone') : 'not in the log: A plugin depends on sdk-api alone'
assert log.contains('io.datawarehouse:kernel:jar') : 'not in the log: io.datawarehouse:kernel:jar'
