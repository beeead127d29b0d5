String log = new File(basedir, 'build.log').text
assert log.contains('sdk-api stands alone')
assert log.contains('io.grpc:grpc-api:jar')
