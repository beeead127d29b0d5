package io.datawarehouse.kernel.fixtureone;

/** A core that is a thread. */
public class ThreadOfItsOwn extends Thread {}
