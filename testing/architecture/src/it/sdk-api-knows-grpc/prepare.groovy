import io.datawarehouse.architecture.FixtureProject

FixtureProject.useRealPom(basedir, 'sdk-api', 'io.grpc:grpc-api:1.75.0:compile')
