package io.datawarehouse.kernel.fixtureone.cdi;

import jakarta.enterprise.context.ApplicationScoped;

/** A bean that cannot be proxied: a method is final. */
@ApplicationScoped
public class FinalMethodBean {
  public FinalMethodBean() {}

  public final void work() {}
}
