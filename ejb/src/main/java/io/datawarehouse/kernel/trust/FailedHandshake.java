package io.datawarehouse.kernel.trust;

import java.io.EOFException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Tells from the failure of a handshake whether somebody was refused by it, and why. */
final class FailedHandshake {

  /**
   * How the platform says two things for which it has one type. Where it comes to say them in other
   * words, the first counts as {@link Refusal#HANDSHAKE}, as the second does.
   */
  private static final String NO_CERTIFICATE = "Empty client certificate chain";

  private static final String ENDED = "close_notify during handshake";

  private static final int DEEPEST_CAUSE = 16;

  /** A certificate is not accepted; who did not accept it has said so already. */
  static final class Judged extends CertificateException {
    private static final long serialVersionUID = 1L;

    Judged() {
      super("the certificate is not accepted");
    }
  }

  private FailedHandshake() {}

  /**
   * Returns why whoever connected was refused; empty where it was not, as it only went away or came
   * to nothing by the network, and where its certificate was {@linkplain Judged judged}.
   */
  static Optional<Refusal> refusal(Throwable failure) {
    List<Throwable> causes = causes(failure);
    if (causes.stream().anyMatch(cause -> cause instanceof Judged || isLoss(cause))) {
      return Optional.empty();
    }
    if (says(causes, NO_CERTIFICATE)) {
      return Optional.of(Refusal.NO_CERTIFICATE);
    }
    return !says(causes, ENDED) && causes.stream().anyMatch(SSLException.class::isInstance)
        ? Optional.of(Refusal.HANDSHAKE)
        : Optional.empty();
  }

  private static List<Throwable> causes(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    @Nullable Throwable cause = failure;
    while (cause != null && causes.size() < DEEPEST_CAUSE) {
      causes.add(cause);
      cause = cause.getCause();
    }
    return causes;
  }

  private static boolean isLoss(Throwable cause) {
    return cause instanceof EOFException
        || cause instanceof SocketException
        || cause instanceof InterruptedIOException
        || cause instanceof ClosedChannelException;
  }

  private static boolean says(List<Throwable> causes, String words) {
    return causes.stream()
        .map(cause -> String.valueOf(cause.getMessage()))
        .anyMatch(message -> message.contains(words));
  }
}
