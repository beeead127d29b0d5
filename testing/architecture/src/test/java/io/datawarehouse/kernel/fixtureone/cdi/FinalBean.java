package io.datawarehouse.kernel.fixtureone.cdi;

import jakarta.enterprise.context.ApplicationScoped;

/** A bean that cannot be proxied: it is final. */
@ApplicationScoped
public final class FinalBean {
  public FinalBean() {}
}
