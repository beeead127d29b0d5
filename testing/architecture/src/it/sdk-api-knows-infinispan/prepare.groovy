import io.datawarehouse.architecture.FixtureProject

FixtureProject.useRealPom(basedir, 'sdk-api', 'org.infinispan:infinispan-commons:16.1.4:compile')
