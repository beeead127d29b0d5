package io.datawarehouse.kernel.fixtureone.cdi;

import jakarta.enterprise.context.ApplicationScoped;

/** A bean that can be proxied. */
@ApplicationScoped
public class GoodBean {
  private final String name;

  /** For the proxy only. */
  protected GoodBean() {
    this("");
  }

  public GoodBean(String name) {
    this.name = name;
  }

  public String name() {
    return name;
  }
}
