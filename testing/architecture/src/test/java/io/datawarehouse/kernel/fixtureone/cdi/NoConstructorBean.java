package io.datawarehouse.kernel.fixtureone.cdi;

import jakarta.enterprise.context.ApplicationScoped;

/** A bean that cannot be proxied: no constructor fits. */
@ApplicationScoped
public class NoConstructorBean {
  private final String name;

  public NoConstructorBean(String name) {
    this.name = name;
  }

  public String name() {
    return name;
  }
}
