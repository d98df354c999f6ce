import type { Language } from './language.ts'

// Written without a native speaker: UNVERIFIED. Apostrophes are gone: "m’envoyer" is "menvoyer", "d’avis" is "davis".
export const fr: Language = {
  locale: 'fr',
  // AWS has ARRET in its default list.
  stop: `
    arret|arreter|arretez|arrete|fin|annuler|desabonner|desabonnement|desabonnez moi|desinscription|desinscrire
    stopper|stoppez|cessez|resilier|terminer
  `,
  plain: 'arret|arretez|desabonner|desabonnement|desinscription|desinscrire|stoppez|cessez',
  start: 'debut|commencer|reprendre|recommencer',
  help: 'aide',
  mistyped: { stop: 'arrte|aret|arrette|arretter|desabonement', help: 'aied|adie|iade|aidee|aidde' },
  please: `
      svp|s v p|s il vous plait|sil vous plait|sil vous plais|s il te plait|sil te plait|stp|veuillez|merci de
      merci de bien vouloir|priere de|je vous prie de|je vous demande de|je demande de|je vous demande|pitie
      de grace|je vous serais reconnaissante de|je vous serais reconnaissant de|je vous saurais gre de|prier de
    `,
  courtesy: `
      merci|merci beaucoup|merci davance|merci bcp|bonjour|bonsoir|allo|salut|immediatement|tout de suite
      maintenant|desormais|bonne journee|desole|desolee|cordialement|dorenavant|donc|madame|monsieur|pour de bon
      une fois pour toutes|de suite
    `,
  opening: 'jai dit|je vous ai dit de|je vous ai dit|je repete',
  asking: `
      on peut|est ce que vous pourriez|est ce que vous pouvez|est ce que je peux|est ce quil est possible de
      pouvez vous|pourriez vous|peux tu|peut on|pouvez|pourriez|pouvoir|vous pouvez|vous pourriez|tu peux
      tu pourrais|comment faire pour|comment on fait pour|comment je fais pour|comment|puis je|serait il possible
      serait il possible de|est il possible de|est il possible|est ce possible de|cest possible de
      y a t il moyen de|y a moyen de|auriez vous lamabilite de|auriez vous la gentillesse de|si possible|ok
      dois je faire pour
    `,
  words: {
    cease: `
      stop|stop aux|stopper|stoppez|arretez|arretes|arrete|arreter|darreter|cessez|cesser|cesse|de cesser|assez de
      assez|ras le bol de|ras le bol des|marre de|marre des|ca suffit|finissez avec|fin aux|fin des|halte aux
      interrompre|interrompez|suspendez|suspendre|tannee de|tanne de|tannees|lachez moi avec|lache moi avec
      mettre fin a|mettez fin a|terminez|basta|fini|arretez moi|stoper|arrettez|cessation|abstenez vous de
      eviter de|evitez de|foutez moi la paix avec
    `,
    leave: `
      desabon*|desinscri*|me desabonner|me desinscrire|desabonement|desabonner|desabonez moi|desabonez
    `,
    cancel: 'annuler|annulez|annule|desactiv*|resilier|resiliez|couper|coupez|bloquer|bloquez|eteindre',
    not: `
      ne|ne pas|ne plus|ne jamais|ne point|sans|nallez|nallez pas|il ne faudrait|il ne faut|faut pas|il faut pas
      faudrait pas|il ne faudrait pas|il faudrait pas|inutile de|pas la peine de|pas necessaire de
    `,
    no: 'pas|point',
    never: `
        plus|pu|pus|plu|jamais|rien|aucun|aucune|plus jamais|plus aucun|plus aucune|plus rien|pas d autres|pas dautres
        pas de nouveaux
      `,
    unneeded: `
      non merci|je nai plus besoin|nai plus besoin|nai pas besoin|jai plus besoin|jai pas besoin|je nai pas besoin
      ai plus besoin|pas besoin|plus besoin|pas besoin de|plus besoin de|pas interesse par|pas interessee par
      pas utile de|sans interet|plus envie de|plus envie|nai plus envie de|nai plus envie|je nai plus envie de
      je nai plus envie
    `,
    write: `
      ecrire|mecrire|decrire|dmecrire|ecrivez|mecrivez|necrivez|ecris|mecris|nous ecrire|texter|textez|metexter
      contacter|contactez|contacte|contactee|contactes|deranger|derangez|achaler|machaler|achalez|harceler
      harcelez|mharceler|spammer|spammez|solliciter|sollicitez|notifier|notifiez|messager|prevenir|prevenez
      avertir|relancer|relancez|importuner|mimportuner|embeter|membeter|joindre|contact|tout contact|recontacter
      recontactez|faire chier|emmerder|memmerder|ecrivez moi|textes moi|texte moi|mecriviez|ecriviez|mavertissiez
      mannoncez|annoncez|nannoncez|annoncer|mannoncer
    `,
    call: 'appeler|mappeler|mappelez|appelez',
    send: `
      envoyer|menvoyer|denvoyer|dmenvoyer|demenvoyer|envoyez|menvoyez|envoie|menvoie|envoi|lenvoi|denvoi|envois
      tout envoi|adresser|adressez|madresser|renvoyer|transmettre|utiliser|utilisez|menvoyiez|envoyiez
    `,
    neverSend: 'nenvoyez|nenvoyer|nenvoie|nutilisez',
    want: `
      veux|jveux|jaimerais|souhaiterais|veut|voulons|souhaite|souhaitons|desire|desirons|voudrais|aimerais|veu
      accepte|besoin|interesse|interessee|interessent|minteresse|minteressent|envie|demande
    `,
    get: 'recevoir|avoir|voir|ravoir|etre prevenu|etre prevenue|lire|entendre parler',
    texts: `
      sms|texto|textos|texte|textes|message|messages|messages textes|messages texte|message texte|msg|msgs|mess
      avis|davis|notification|notifications|alerte|alertes|dalertes|rappel|rappels|relance|relances|textos de
      communications|des sms|mms|message de vous|mesages|mesage
    `,
    me: 'me|moi|nous|ici|m|mon mari',
    number: `
        mon numero|ce numero|le numero|mon cell|mon cel|mon cellulaire|mon tel|mon telephone|ce telephone|mon portable
        ce portable|ma ligne|cette ligne|mon nom|mes coordonnees|mon no|mon num|ce num|mon mobile|ce cell
        ce cellulaire|son numero|numero de telephone|mon numero de telephone|ce tel
      `,
    drop: `
      sortez|sortir|rayez|rayer|radiez|radier|otez|oter|retirez|retirer|enlevez|enlever|enleve|retire|retiree
      etre retire|enlevee|etre enleve
    `,
    dropMe: `
      menlever|me retirer|moter|me rayer|me sortir|me radier|me supprimer|menlevez|motez|me retirez|me supprimez
    `,
    remove: `
      suppression|retrait|supprimez|supprimer|supprime|effacez|effacer|efface|supprimee|etre supprime|effacee
      etre efface
    `,
    list: `
      dici|liste des textos|liste des sms|liste des messages|liste|listes|systeme|base|base de donnees|fichier
      fichiers|dossier|dossiers|liste denvoi|liste denvois|liste de diffusion|liste de textos|registre|repertoire
      contacts|abonnement|liste de contacts|liste de sms|vos envois|tes envois
    `,
    revoke: `
        retirer mon consentement|retire mon|revoque|moppose|je moppose|oppose|opposition|refuse|revoquer|je retire
        mopposer|interdis|jinterdis|rejette
      `,
    consent: `
        consentement|autorisation|accord|consens|consenti|permission|lautorisation|autorise|jautorise|donne mon accord
        donne mon consentement
      `,
    more: 'encore|a nouveau|davantage|un autre|une autre|dautres|de nouveau|autres',
    it: 'ca|cela|ces|tout|tous|toutes|ceux ci|celles ci|les autres|quoi que ce soit|truc|trucs',
    alone: `
        laissez moi tranquille|laisse moi tranquille|lachez moi|lachez moi la paix|lache moi|foutez moi la paix
        fichez moi la paix|laissez nous tranquilles|oubliez moi|bloquez moi|laissez moi en paix|foutez nous la paix
      `,
    threat: `
      plainte|avocat|lavocat|cnil|police|poursuis|poursuivre|poursuites|saisirai|saisir la|denonce|justice|signale
      signalerai|signalement|crtc|tribunal|lopc|33700
    `,
    wrong: `
      mauvais numero|cest le mauvais numero|c le mauvais numero|vous avez le mauvais numero|cest un mauvais numero
      un mauvais numero|pas le bon numero|cest pas le bon numero|c pas le bon numero|ce nest pas le bon numero
      erreur de numero|3 fois|pas moi la personne|pas la bonne personne|decede|decedee|mort|demenage|on a demenage
      pas abonne|pas abonnee|connais pas|trompez|trompe de numero|rendus en|habite plus|jamais inscrit
      jamais inscrite|tannee|marre|nest plus celui|nappartient plus|nest plus a
    `,
    things: `
      recevoir plus de|avoir plus de|plus dinfos|plus de renseignements|plus dinformations|liste des|liste du
      liste pour|salle|livre|livres|carte|latelier|liste dattente|ma liste|dvd|film|bus|autobus|alarme|lalarme
      imprimante|limprimante|musique|compte|inscription|courriel|courriels|mail|mails|email|emails|pret|prets
      place|batterie|sac|stop motion|recueil|recueil de textes|roman|tome|serie|netflix|cafeyn|pretnumerique|libby
      arret de bus|larret|rendez vous|seance|abonnement a la revue|revue|magazine|journal|commande|rire|parler
      crier|fumer|biper|wifi|ordinateur|session|raquettes|chauffage|ancienne adresse|adresse
    `,
    asked: `
      je nai jamais demande|pourquoi|si|si je|si vous|qui|quel|quelle|est ce que je|est ce que vous|jai jamais dit
      je nai jamais dit|je nai pas|jai pas|on ma dit|vous avez arrete|avez arrete|a arrete|dites lui|dites leur
      je peux pas|je ne peux|je ne peux pas|peux pas|quelquun|on ne peut|comprends pas|ne comprends|par erreur
      par megarde|jai annule|combien|quest ce|est ce normal|ou est|jallais|allais|jai failli|javais demande
      avais demande|avait demande|jespere que vous|navez pas|vous navez pas
    `,
    limits: `
        quand|lorsque|avant|apres|pendant|jusqua|la nuit|le soir|le matin|le dimanche|si tot|si tard|aussi tot
        aussi souvent|tant que|en anglais|en francais|cette semaine|pour linstant|des que|au travail|trop tot
        trop tard
      `,
    told: `
      recoit|ne recois|je ne recois|je recois|jai recu|ai recu|recu|avez|jai|ai|il y a|ya|nai|vous avez|na|ont
      sont|a ete|jai plus|ne voit|avons|avais|javais|ne marche|ne fonctionne|n y a
    `,
    you: 'vous|tu|la bibliotheque|le systeme',
    others: `
      il|elle|ils|elles|les jeunes|mon fils|ma fille|les enfants|le bebe|le bus|les gens|ma mere|mon gars
      ma petite|mon petit|mon ex|mon ex mari
    `,
    i: 'je|j|jle|jme',
    miss: 'manquer|rater|louper|perdre|oublier|oubliez|oublie',
    keep: `
      continuez*|continuer a|continue a|remettez*|reactivez*|gardez les rappels|gardez les messages|me gardez
      gardez moi
    `,
    but: `
      car|parce que|puisque|sauf|seulement|par contre|sinon|au fait|alors|comme|et a quelle|et vous|et quand
      excepte|uniquement|plutot
    `,
    and: 'et|ou',
    question: '',
    of: 'de|des|du|d|a la|au|aux',
    yet: 'mais|cependant|toutefois|finalement|laissez faire',
    meant: 'voulais|je voulais|jvoulais|pensais|je pensais',
    sent: `
      ecrit|jai ecrit|jai envoye|a fait|jai fait|jai repondu|repondez|repondre|tape|jai tape|envoye
    `,
    reported: 'je me suis desinscrit*|je me suis desabonne*|me suis desabonne*|deja desabonne*',
    dontStop: `
      narretez*|narrete*|narretes|narreter|nannulez*|arretez pas|arrete pas|arreter pas|arretez surtout pas
      arretent pas|pas arreter|pas cesser|pas que vous arretiez|pas me desabonner|pas darreter|pas les arreter
      ne supprimez pas|ne desactivez pas|ne desabonnez pas|cessez pas
    `,
    still: `
      recois encore|je recois encore|ca continue|continuez quand meme|trois fois|deux fois|continue quand meme
      encore aujourdhui
    `,
    groups: `
      atelier|club|groupe|sortie|tournoi|heure du conte|lheure du conte|conference|cours|liste des inscrits|stage
    `,
    little: `
      le|la|les|l|un|une|mes|ma|mon|vos|votre|cette|ce|sur|pour|par|a|en|s|lui|leur|y|que|qu|est|etre|bien vouloir
      bibliotheque|biblio|mediatheque|avec|concernant|ses|cest|c|vraiment|sms de la|tes|par telephone|n|on
      votre part|jamais de la vie|maudits|maudit|foutus|osti de|dans|provenant|propos|jen|faudrait|faut|surtout
      il faudrait|il faut
    `,
  },
  kinds: [
    [
      'promotional',
      'messages',
      `
        pub|pubs|publicite|publicites|promo|promos|promotion|promotions|offres|marketing|promotionnels|publicitaires
        dpub|demarchage
      `,
    ],
    [
      'newsletter',
      'messages',
      'infolettre|infolettres|linfolettre|newsletter|newsletters|lettre dinformation|bulletin|bulletins',
    ],
    ['news', 'news', 'nouvelles|actualites|actualite|lactualite|actus|actu'],
    ['events', 'news', 'evenement|evenements|devenements|activites|dactivites|animations|danimations|devenement'],
    ['surveys', 'news', 'sondage|sondages|enquete|enquetes|questionnaires'],
    ['overdue', 'named', 'retards|retard'],
    ['overdue', 'things', 'livres en retard|documents en retard|en retard'],
    ['pickup', 'named', 'reservations'],
    ['pickup', 'things', 'reservation|livres reserves|documents reserves|reserves|mes reservations|ma reservation'],
    ['due', 'named', 'echeances|retours'],
    ['due', 'things', 'echeance|decheance|date de retour|dates de retour|retour|dates dues|date due'],
    ['fines', 'named', 'frais|amendes'],
    ['fines', 'things', 'amende|lamende|frais de retard|penalites'],
  ],
}
