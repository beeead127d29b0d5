package io.datawarehouse.kernel.fixtureone;

/** A core that prints. */
public final class Prints {
  public void print() {
    System.out.println("fixture");
  }
}
