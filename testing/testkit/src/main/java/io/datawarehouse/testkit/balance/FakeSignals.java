package io.datawarehouse.testkit.balance;

import io.datawarehouse.sdk.balance.NodeSignals;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Signals that a test sets; at first every candidate is usable, warm, does nothing, and nothing
 * else is known of it. Thread-safe but for values that change while another thread reads them,
 * which it may see late.
 */
public final class FakeSignals implements NodeSignals {

  private final boolean[] unusable;
  private final AtomicIntegerArray inFlight;
  private final long[] latencyNanos;
  private final double[] cpuPercent;
  private final double[] memoryPercent;
  private final double[] diskPercent;
  private final double[] requestsPerSecond;
  private final double[] warmth;

  /** Makes the signals of that many candidates. */
  public FakeSignals(int size) {
    unusable = new boolean[size];
    inFlight = new AtomicIntegerArray(size);
    latencyNanos = filled(size, -1L);
    cpuPercent = filled(size, Double.NaN);
    memoryPercent = filled(size, Double.NaN);
    diskPercent = filled(size, Double.NaN);
    requestsPerSecond = filled(size, Double.NaN);
    warmth = filled(size, 1.0);
  }

  /** Says whether a candidate is usable. */
  public FakeSignals usable(int number, boolean usable) {
    unusable[number] = !usable;
    return this;
  }

  /** Says how long a candidate's answers take; negative for not known. */
  public FakeSignals latency(int number, long nanos) {
    latencyNanos[number] = nanos;
    return this;
  }

  /** Says how busy a candidate is in percent, its processors, memory and disk alike. */
  public FakeSignals busy(int number, double percent) {
    cpuPercent[number] = percent;
    memoryPercent[number] = percent;
    diskPercent[number] = percent;
    return this;
  }

  /** Says how many requests a second a candidate gets. */
  public FakeSignals requests(int number, double perSecond) {
    requestsPerSecond[number] = perSecond;
    return this;
  }

  /** Says how warm a candidate is, more than 0, at most 1. */
  public FakeSignals warmth(int number, double part) {
    warmth[number] = part;
    return this;
  }

  /** Changes how many requests are under way at a candidate. */
  public FakeSignals underWay(int number, int more) {
    inFlight.addAndGet(number, more);
    return this;
  }

  @Override
  public int size() {
    return unusable.length;
  }

  @Override
  public boolean usable(int number) {
    return !unusable[number];
  }

  @Override
  public int inFlight(int number) {
    return inFlight.get(number);
  }

  @Override
  public long latencyNanos(int number) {
    return latencyNanos[number];
  }

  @Override
  public double cpuPercent(int number) {
    return cpuPercent[number];
  }

  @Override
  public double memoryPercent(int number) {
    return memoryPercent[number];
  }

  @Override
  public double diskPercent(int number) {
    return diskPercent[number];
  }

  @Override
  public double requestsPerSecond(int number) {
    return requestsPerSecond[number];
  }

  @Override
  public double warmth(int number) {
    return warmth[number];
  }

  private static double[] filled(int size, double value) {
    double[] values = new double[size];
    Arrays.fill(values, value);
    return values;
  }

  private static long[] filled(int size, long value) {
    long[] values = new long[size];
    Arrays.fill(values, value);
    return values;
  }
}
