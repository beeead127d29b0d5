package io.datawarehouse.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs a contract against an implementation that breaks it, and tells what was noticed. */
public final class BrokenContracts {

  private BrokenContracts() {}

  /**
   * Runs all tests of a contract and returns the names of those that failed, sorted.
   *
   * @param contract a contract bound to an implementation; has a constructor without parameters
   */
  public static Set<String> failuresOf(Class<?> contract) {
    EngineExecutionResults results =
        EngineTestKit.engine("junit-jupiter").selectors(selectClass(contract)).execute();
    assertThat(results.containerEvents().failed().list()).as("broken classes").isEmpty();
    assertThat(results.testEvents().skipped().list()).as("skipped tests").isEmpty();
    assertThat(results.testEvents().aborted().list()).as("aborted tests").isEmpty();
    List<Event> failed = results.testEvents().failed().list();
    Set<String> names = new TreeSet<>();
    for (Event event : failed) {
      names.add(
          event
              .getTestDescriptor()
              .getSource()
              .map(source -> ((MethodSource) source).getMethodName())
              .orElseThrow());
    }
    return names;
  }
}
