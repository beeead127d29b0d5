package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.web.http.UploadStream.Patience;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;

/**
 * How slow the client of an upload may be: {@code dw.http.min.rate}, {@code
 * dw.http.min.rate.grace}.
 */
@ApplicationScoped
public class UploadPatience {

  @Inject Kernel kernel;
  private Patience patience = new Patience(Duration.ofSeconds(60), 1024);

  @PostConstruct
  void read() {
    patience =
        new Patience(
            kernel.config().duration("dw.http.min.rate.grace", Duration.ofSeconds(60)),
            kernel.config().bytes("dw.http.min.rate", 1024, 0, Long.MAX_VALUE));
  }

  /** Returns the limits. */
  public Patience get() {
    return patience;
  }
}
