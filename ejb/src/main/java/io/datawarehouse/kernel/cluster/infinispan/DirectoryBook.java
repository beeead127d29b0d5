package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A file for each node in a directory, {@code NODE.address}, with {@code host:port} in it. A file
 * comes into being whole, and a node that starts again replaces its own, so that those of killed
 * nodes do not pile up. Thread-safe.
 */
final class DirectoryBook implements AddressBook {

  private static final System.Logger LOG = System.getLogger(DirectoryBook.class.getName());

  private static final String SUFFIX = ".address";

  private final Path directory;
  private final Path own;

  DirectoryBook(Path directory, NodeId self) {
    this.directory = directory;
    this.own = directory.resolve(self + SUFFIX);
  }

  @Override
  public void write(InetSocketAddress address) throws IOException {
    Files.createDirectories(directory);
    String host = address.getAddress().getHostAddress();
    String text = (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort() + "\n";
    Path next = directory.resolve(own.getFileName() + ".new");
    Files.writeString(next, text);
    Files.move(next, own, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public List<InetSocketAddress> read() throws IOException {
    List<InetSocketAddress> addresses = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path file : files) {
        addTo(addresses, file);
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    return addresses;
  }

  private static void addTo(List<InetSocketAddress> addresses, Path file) throws IOException {
    try {
      HostAndPort place = HostAndPort.parse(Files.readString(file, StandardCharsets.UTF_8));
      addresses.add(new InetSocketAddress(InetAddress.getByName(place.host()), place.port()));
    } catch (NoSuchFileException e) {
      LOG.log(System.Logger.Level.TRACE, "gone in the meantime", e);
    } catch (WarehouseException e) {
      LOG.log(System.Logger.Level.WARNING, "no address in {0}: {1}", file, e.detail());
    } catch (UnknownHostException | CharacterCodingException | IllegalArgumentException e) {
      // One bad file, of a node that crashed, must not keep all others from finding each other.
      LOG.log(System.Logger.Level.WARNING, "no address in {0}: {1}", file, e.getMessage());
    }
  }

  @Override
  public boolean remove(InetSocketAddress place) throws IOException {
    boolean removed = false;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path file : files) {
        List<InetSocketAddress> inIt = new ArrayList<>();
        addTo(inIt, file);
        if (inIt.contains(place)) {
          removed |= Files.deleteIfExists(file);
        }
      }
    } catch (NoSuchFileException e) {
      LOG.log(System.Logger.Level.TRACE, "gone in the meantime", e);
    }
    return removed;
  }

  @Override
  public boolean complete() {
    return true;
  }

  @Override
  public void clear() throws IOException {
    Files.deleteIfExists(own);
  }
}
