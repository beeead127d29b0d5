package io.datawarehouse.benchmarks.baseline;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Set;

/** Nothing but one resource. */
@ApplicationPath("/bare")
public class BaselineApplication extends Application {

  @Override
  public Set<Class<?>> getClasses() {
    return Set.of(BaselineResource.class);
  }
}
