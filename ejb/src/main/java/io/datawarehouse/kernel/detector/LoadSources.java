package io.datawarehouse.kernel.detector;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the figures of a machine come from. Immutable. Not-a-number where one cannot be had.
 *
 * @param cpuPercent the processors in use, 0 to 100
 * @param memoryPercent the memory in use, 0 to 100
 * @param diskPercent the file system of the data directory in use, 0 to 100
 */
public record LoadSources(
    DoubleSupplier cpuPercent, DoubleSupplier memoryPercent, DoubleSupplier diskPercent) {

  private static final System.Logger LOG = System.getLogger(LoadSources.class.getName());
  private static final Path MEMORY_OF_LINUX = Path.of("/proc/meminfo");
  private static final Pattern LINE =
      Pattern.compile("(?m)^(MemTotal|MemAvailable):\\s+(\\d+) kB$");
  private static final double ALL = 100;
  private static final long KIBI = 1024;

  /** Returns the sources of this machine, or of the container that this process runs in. */
  public static LoadSources ofThisMachine(Path data) {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new LoadSources(
        () -> system.getCpuLoad() * ALL,
        () -> memory(system.getTotalMemorySize(), system.getFreeMemorySize(), MEMORY_OF_LINUX),
        () -> disk(data));
  }

  /**
   * Linux counts what it caches of files as used, and gives it up when somebody needs it: only its
   * own table tells how much is to be had. In a container the limit counts, not the machine.
   */
  static double memory(long total, long free, Path table) {
    long available = free;
    if (Files.isReadable(table)) {
      try {
        long whole = 0;
        long there = 0;
        Matcher lines = LINE.matcher(Files.readString(table, StandardCharsets.US_ASCII));
        while (lines.find()) {
          long bytes = Long.parseLong(lines.group(2)) * KIBI;
          if (lines.group(1).equals("MemTotal")) {
            whole = bytes;
          } else {
            there = bytes;
          }
        }
        available = whole == total ? there : free;
      } catch (IOException | NumberFormatException e) {
        LOG.log(System.Logger.Level.DEBUG, "the table of memory cannot be read", e);
      }
    }
    return total <= 0 ? Double.NaN : ALL * (total - available) / total;
  }

  private static double disk(Path data) {
    try {
      FileStore store = Files.getFileStore(data);
      long total = store.getTotalSpace();
      return total <= 0 ? Double.NaN : ALL * (total - store.getUsableSpace()) / total;
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the data directory's file system does not answer", e);
      return Double.NaN;
    }
  }
}
