package io.datawarehouse.web.metric;

import com.sun.management.OperatingSystemMXBean;
import io.datawarehouse.kernel.boot.Kernel;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.File;
import java.lang.management.ManagementFactory;
import org.eclipse.microprofile.faulttolerance.Bulkhead;

/**
 * How busy the node is. Thread-safe.
 *
 * <p>The bulkhead keeps a crowd of status pages from asking the operating system all at once. It
 * also keeps MicroProfile Fault Tolerance switched on: Payara looks for its annotations in the web
 * module alone and leaves the kernel's own breakers inactive where it finds none.
 */
@ApplicationScoped
public class NodeLoad {

  /**
   * One look.
   *
   * @param cpuPercent the machine's processors, 0 to 100
   * @param memoryPercent the machine's memory in use
   * @param diskPercent the data directory's file system in use
   * @param activeRequests requests that are being served
   * @param latencyMillis the mean time of a request over the last minute
   * @param requestsPerSecond requests a second over the last minute
   */
  public record Sample(
      double cpuPercent,
      double memoryPercent,
      double diskPercent,
      long activeRequests,
      double latencyMillis,
      double requestsPerSecond) {}

  @Inject Kernel kernel;

  /** Looks once. */
  @Bulkhead(16)
  public Sample sample() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    File disk = kernel.dataDirectory().toFile();
    return new Sample(
        percent(Math.max(0, system.getCpuLoad()), 1),
        percent(
            system.getTotalMemorySize() - system.getFreeMemorySize(), system.getTotalMemorySize()),
        percent(disk.getTotalSpace() - disk.getUsableSpace(), disk.getTotalSpace()),
        kernel.requests().active(),
        kernel.requests().latencyMillis(),
        kernel.requests().requestsPerSecond());
  }

  private static double percent(double part, double whole) {
    return whole == 0 ? 0 : Math.round(1000 * part / whole) / 10.0;
  }
}
